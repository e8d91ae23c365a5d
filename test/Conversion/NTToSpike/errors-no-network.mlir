// RUN: nt-opt %s --convert-nt-to-spike=device=nt1-tiny --verify-diagnostics

// expected-error@+1 {{nt.network}}
module {
}
