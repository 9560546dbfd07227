package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** What a receiver tells of its inbox's writer at its management port. */
final class WriterMetrics {
  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpRequest request;
  private double commits;
  private double writes;

  WriterMetrics(int managementPort) {
    this.request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/metrics"))
            .build();
  }

  /** How much one transaction held on average since this was asked before. */
  double read() throws IOException {
    String text = get();
    double commitsNow = value(text, "gatehouse_inbox_commits_total");
    double writesNow = value(text, "gatehouse_inbox_writes_total");
    double each = (writesNow - writes) / Math.max(1, commitsNow - commits);
    commits = commitsNow;
    writes = writesNow;
    return each;
  }

  private String get() throws IOException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static double value(String text, String name) throws IOException {
    for (String line : text.split("\n")) {
      if (line.startsWith(name + " ")) {
        return Double.parseDouble(line.substring(name.length() + 1));
      }
    }
    throw new IOException("the receiver tells no " + name);
  }
}
