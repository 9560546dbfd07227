/** Topics of Kafka as a source of events. */
@NullMarked
package dev.gatehouse.kafka;

import org.jspecify.annotations.NullMarked;
