/** What counting alone says of a corpus. */
package dev.gamelan.data.stats;
