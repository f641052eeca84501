/** Runs tasks on a model: requests, answers kept as they come, figures. */
package dev.gamelan.eval.run;
