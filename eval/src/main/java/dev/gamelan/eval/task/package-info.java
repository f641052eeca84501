/**
 * Tasks as LM Evaluation Harness writes them: YAML read unmodified, prompts and answers of
 * documents, few-shot examples, filters.
 */
package dev.gamelan.eval.task;
