/** How fast models run here, and how fast they could. */
package dev.gamelan.app.bench;
