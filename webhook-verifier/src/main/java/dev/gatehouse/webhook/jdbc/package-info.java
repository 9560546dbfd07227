/** Claims in a database that is there anyway, also within the transaction of their effect. */
@NullMarked
package dev.gatehouse.webhook.jdbc;

import org.jspecify.annotations.NullMarked;
