/**
 * Documents and where they come from: files ({@link dev.gamelan.data.Corpus}), the JDK's own
 * sources ({@link dev.gamelan.data.JdkSources}), and mixtures of them ({@link
 * dev.gamelan.data.Mixture}).
 */
package dev.gamelan.data;
