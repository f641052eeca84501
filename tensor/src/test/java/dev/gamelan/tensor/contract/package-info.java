/**
 * What every backend must pass: {@link dev.gamelan.tensor.contract.KernelsContract} holds all of
 * it. A backend's module depends on this module's test-jar and has one test class that extends it.
 */
package dev.gamelan.tensor.contract;
