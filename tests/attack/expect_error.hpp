// SPDX-License-Identifier: Apache-2.0
// What the programs of this folder share whose mistake only a run can show. Each exits with 0 if quench refuses it.
#pragma once

#include <quench/tensors/error.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#if !defined(ATTACK_COMPILER)
#define ATTACK_COMPILER "g++"
#endif

namespace attack {

/// Runs `f`, which has to throw a quench::Error whose text has the slug and the culprit.
/// Returns 0 if it does: the program's exit code.
template <class F>
int refused(const std::string& slug, const std::string& culprit, F&& f) {
  try {
    f();
  } catch (const quench::Error& error) {
    const std::string text = error.what();
    const bool expected =
        text.find("quench[" + slug + "]") != std::string::npos && text.find(culprit) != std::string::npos;
    std::printf("%s: %s\n", expected ? "refused" : "refused for another reason", text.c_str());
    return expected ? 0 : 1;
  }
  std::printf("accepted: nothing was thrown\n");
  return 1;
}

inline std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Compiles `program` again with DEVICE defined, with the weights.hpp that it has written into the working folder.
/// Returns 0 if the compiler refuses it with one error, which has the slug.
inline int device_refused(const std::string& program, const std::string& slug) {
  const std::size_t slash = program.find_last_of('/');
  const std::string folder = program.substr(0, slash), name = program.substr(slash + 1, program.rfind('.') - slash - 1);
  const std::string include = "#include \"" + program + "\"\n";
  // The suite builds all programs as one, each in a namespace of its name.
  const bool joined = text_of("weights.hpp").find(name + "::Net") != std::string::npos;
  std::ofstream("device.cpp") << "#include <quench/embedded.hpp>\n"
                              << (joined ? "namespace " + name + " {\n" + include + "}\n" : include);
  const std::string command = ATTACK_COMPILER " -std=c++20 -fsyntax-only -DDEVICE -I . -I " + folder +
                              "/../../include device.cpp 2> errors.txt";
  const bool compiles = std::system(command.c_str()) == 0;
  const std::string text = text_of("errors.txt");
  int errors = 0;
  for (std::size_t at = 0; (at = text.find(" error: ", at)) != std::string::npos; ++at) ++errors;
  const bool says_so = text.find("quench[" + slug + "]") != std::string::npos;
  if (compiles)
    std::printf("the changed program compiles\n");
  else
    std::printf("%d errors, the slug is %s\n", errors, says_so ? "there" : "missing");
  return compiles || errors != 1 || !says_so;
}

}  // namespace attack
