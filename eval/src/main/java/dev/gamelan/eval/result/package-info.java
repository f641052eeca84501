/** Results as the harness writes them, read back, shown, and compared. */
package dev.gamelan.eval.result;
