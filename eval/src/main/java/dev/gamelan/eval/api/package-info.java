/** Models that answer over the network, in the protocols of OpenAI, Anthropic and Gemini. */
package dev.gamelan.eval.api;
