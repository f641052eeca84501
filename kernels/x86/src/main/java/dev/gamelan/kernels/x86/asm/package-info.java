/**
 * A small x86-64 assembler: general-purpose instructions, AVX and AVX2 (VEX), AVX-512 (EVEX) and
 * AMX, as far as the kernels need them. Encodings: Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 2.
 */
package dev.gamelan.kernels.x86.asm;
