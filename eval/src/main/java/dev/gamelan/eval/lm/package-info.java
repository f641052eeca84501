/** What is asked of a language model, what it answers, and models that answer. */
package dev.gamelan.eval.lm;
