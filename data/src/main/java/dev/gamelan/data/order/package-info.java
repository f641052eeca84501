/** Which training sequence comes when. */
package dev.gamelan.data.order;
