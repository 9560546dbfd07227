/** Tests of authorization, through the guard as a server has it. */
package dev.gatehouse.graphql.access;
