/** The standalone server: configuration, inbox, delivery, management. */
@NullMarked
package dev.gatehouse.receiver;

import org.jspecify.annotations.NullMarked;
