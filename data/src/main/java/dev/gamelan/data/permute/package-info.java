/** Orders without tables. */
package dev.gamelan.data.permute;
