package dev.gatehouse.benchmarks;

import java.util.Arrays;

/** Medians over rounds; a ratio is taken within each round, so that what drifts drops out. */
final class Medians {
  private Medians() {}

  static double of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  static double ofRatio(double[] ours, double[] others) {
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, i -> ours[i] / others[i]);
    return of(ratios);
  }
}
