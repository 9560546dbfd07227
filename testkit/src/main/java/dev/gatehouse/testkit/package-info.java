/** What a team tests its own doors with: signers, hostile requests, contract tests. */
@NullMarked
package dev.gatehouse.testkit;

import org.jspecify.annotations.NullMarked;
