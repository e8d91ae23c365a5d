// RUN: nt-opt %s --spike-print-evaluation="data=%S/Inputs/two-inputs.npz" --verify-diagnostics

// expected-error@+1 {{needs one spike.network to simulate, found 0}}
module {
}
