/** A small invented world: its facts, questions about them, and a corpus that tells of it. */
package dev.gamelan.data.world;
