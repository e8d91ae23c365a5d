# Helpers that keep NT's CMakeLists short.

# nt_add_library(<name> <sources...> [DEPENDS <tablegen targets>] [LINK <libs>])
# A static library of compiler code, without RTTI and exceptions as LLVM's.
function(nt_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  nt_compile_options(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} ntrt MLIR LLVM)
  target_include_directories(${name} INTERFACE
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  install(TARGETS ${name} EXPORT NTTargets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# nt_add_tool(<name> <sources...> [LINK <libs>])
function(nt_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  nt_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} ntrt MLIR LLVM)
  install(TARGETS ${name} EXPORT NTTargets
          RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

function(nt_compile_options name)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wno-unused-parameter
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti -fno-exceptions> -ffp-contract=off)
  if(NT_WARNINGS_AS_ERRORS)
    target_compile_options(${name} PRIVATE -Werror)
  endif()
endfunction()

# nt_add_dialect(<prefix> <dialect>): ops, types, attributes, enums, docs from
# <prefix>Ops.td in the current folder.
function(nt_add_dialect prefix dialect)
  set(LLVM_TARGET_DEFINITIONS ${prefix}Ops.td)
  mlir_tablegen(${prefix}Ops.h.inc -gen-op-decls)
  mlir_tablegen(${prefix}Ops.cpp.inc -gen-op-defs)
  mlir_tablegen(${prefix}Types.h.inc -gen-typedef-decls -typedefs-dialect=${dialect})
  mlir_tablegen(${prefix}Types.cpp.inc -gen-typedef-defs -typedefs-dialect=${dialect})
  mlir_tablegen(${prefix}Attributes.h.inc -gen-attrdef-decls -attrdefs-dialect=${dialect})
  mlir_tablegen(${prefix}Attributes.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${dialect})
  mlir_tablegen(${prefix}Enums.h.inc -gen-enum-decls)
  mlir_tablegen(${prefix}Enums.cpp.inc -gen-enum-defs)
  mlir_tablegen(${prefix}Dialect.h.inc -gen-dialect-decls -dialect=${dialect})
  mlir_tablegen(${prefix}Dialect.cpp.inc -gen-dialect-defs -dialect=${dialect})
  add_public_tablegen_target(NT${prefix}IncGen)
endfunction()

# nt_add_passes(<name>): Passes.h.inc of the current folder's Passes.td.
function(nt_add_passes name)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name=${name})
  add_public_tablegen_target(NT${name}PassIncGen)
endfunction()

# Installs NTConfig.cmake, so that find_package(NT) works from the install tree.
function(nt_install_package)
  include(CMakePackageConfigHelpers)
  set(destination ${CMAKE_INSTALL_LIBDIR}/cmake/NT)
  configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/modules/NTConfig.cmake.in
    ${PROJECT_BINARY_DIR}/NTConfig.cmake INSTALL_DESTINATION ${destination})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/NTConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/NTConfig.cmake
                ${PROJECT_BINARY_DIR}/NTConfigVersion.cmake
          DESTINATION ${destination})
  install(EXPORT NTTargets NAMESPACE NT:: DESTINATION ${destination})
endfunction()
