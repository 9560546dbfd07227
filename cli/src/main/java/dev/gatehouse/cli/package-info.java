/** The {@code gatehouse} command: one class a command. */
@NullMarked
package dev.gatehouse.cli;

import org.jspecify.annotations.NullMarked;
