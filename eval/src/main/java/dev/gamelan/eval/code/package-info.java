/** Programs that a model wrote, run apart from everything, and how many of them are right. */
package dev.gamelan.eval.code;
