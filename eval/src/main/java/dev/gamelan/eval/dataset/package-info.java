/** Where the documents of a task come from: files here, under the names that data sets have. */
package dev.gamelan.eval.dataset;
