/**
 * What a run writes down about itself while it learns: exact metrics, timings, TensorBoard events.
 */
package dev.gamelan.train.metrics;
