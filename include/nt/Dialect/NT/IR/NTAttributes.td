//===- NTAttributes.td - Attributes of the nt dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_ATTRIBUTES_TD
#define NT_ATTRIBUTES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "nt/Dialect/NT/IR/NTDialect.td"

def NT_GranularityAttr : I32EnumAttr<"Granularity",
    "what shares one modulation value", [
      I32EnumAttrCase<"Neuron", 0, "neuron">,
      I32EnumAttrCase<"Channel", 1, "channel">]> {
  let cppNamespace = "::nt";
}

def NT_WordsAttr : AttrDef<NT_Dialect, "Words"> {
  let mnemonic = "words";
  let summary = "modulation words of the neurons of one site";
  let description = [{
    One word a neuron, in row-major order of the site's units: bias current =
    codes[n] * LSB(V(dac[domains[n]])). `codes` and `domains` are i8 tensors of one
    dimension and equal length; `dac` holds the DAC code of each modulation domain
    (rules H2, H3).

    ```mlir
    #nt.words<codes = dense<[3, -7]> : tensor<2xi8>,
              domains = dense<[0, 1]> : tensor<2xi8>, dac = array<i32: 17, 90>>
    ```
  }];
  let parameters = (ins "::mlir::ElementsAttr":$codes,
                        "::mlir::ElementsAttr":$domains,
                        "::mlir::DenseI32ArrayAttr":$dac);
  let assemblyFormat = "`<` `codes` `=` $codes `,` `domains` `=` $domains `,` `dac` `=` $dac `>`";
  let genVerifyDecl = 1;
}

#endif // NT_ATTRIBUTES_TD
