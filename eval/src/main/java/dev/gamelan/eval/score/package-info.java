/** From answers to figures: filters, metrics of documents, aggregates, standard errors, groups. */
package dev.gamelan.eval.score;
