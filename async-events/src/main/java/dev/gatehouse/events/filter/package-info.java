/** The language in which a subscriber says which events it wants: small, total and bounded. */
@NullMarked
package dev.gatehouse.events.filter;

import org.jspecify.annotations.NullMarked;
