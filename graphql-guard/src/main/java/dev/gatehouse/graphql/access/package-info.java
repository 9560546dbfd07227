/** Who may see and do what: rules, what a document touches of them, and their decisions. */
@NullMarked
package dev.gatehouse.graphql.access;

import org.jspecify.annotations.NullMarked;
