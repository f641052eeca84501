/** Functions of known task files, and measures of known benchmarks, in Java. */
package dev.gamelan.eval.known;
