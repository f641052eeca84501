package dev.gamelan.eval.api;

/**
 * What a service answered.
 *
 * @param blocked whether the service itself kept the answer back
 * @param input tokens it counted of the question; 0 if it doesn't say
 * @param output tokens it counted of the answer
 */
record Reply(String text, boolean blocked, long input, long output) {}
