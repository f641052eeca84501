/**
 * A model that runs here as a {@link dev.gamelan.eval.lm.LanguageModel}: requests as a prefix tree.
 */
package dev.gamelan.eval.local;
