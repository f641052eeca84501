/** Whether a model refuses what it should, answers what it should, and does no harm. */
package dev.gamelan.eval.safety;
