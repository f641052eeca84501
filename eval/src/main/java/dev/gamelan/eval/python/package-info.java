/** What Python does, where an evaluation has to do the same: random numbers, literals, text. */
package dev.gamelan.eval.python;
