package dev.gatehouse.events;

import java.util.Locale;

/** What the hub counts. */
public enum Count {
  /** Events that were accepted from publishers. */
  PUBLISHED,
  /** Events that were handed to a subscriber, each once for each. */
  DELIVERED,
  /** Of those that were queued, those that came from the log's past. */
  REPLAYED,
  /** Events that a policy denied a subscriber. */
  DENIED,
  /** Events about which a policy had no answer, so that they were not shown. */
  UNDECIDED,
  /** Events that a subscriber's filter did not want. */
  FILTERED,
  /** Events that a topic's or a tenant's kill switch kept from everybody. */
  STOPPED,
  /** Gaps that were marked. */
  GAPS,
  /** Entries of a log that were not of the tenant whose log was read: a defect of the log. */
  FOREIGN_ENTRIES;

  /** The name in lower case. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
