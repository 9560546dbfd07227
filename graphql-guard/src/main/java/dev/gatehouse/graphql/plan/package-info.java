/** What an operation may do, worked out once per document and evaluated with each request. */
@NullMarked
package dev.gatehouse.graphql.plan;

import org.jspecify.annotations.NullMarked;
