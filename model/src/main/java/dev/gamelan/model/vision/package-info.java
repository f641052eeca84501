/**
 * Images for models that read them: the tower that turns pixels into rows of the decoder's width,
 * and the processor that turns PNG and JPEG files into pixels.
 */
package dev.gamelan.model.vision;
