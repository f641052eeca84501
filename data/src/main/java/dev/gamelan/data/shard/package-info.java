/**
 * Documents as tokens on disk: written by {@link dev.gamelan.data.shard.TokenShards}, read through
 * {@link dev.gamelan.data.shard.TokenDataset}.
 */
package dev.gamelan.data.shard;
