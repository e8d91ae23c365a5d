//===- BitstreamTest.cpp - Writing and decoding .ntb and .ntm -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BitstreamTesting.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace ntrt;
using namespace ntrt::test;

namespace {
class BitstreamTest : public testing::Test {
protected:
  DeviceModel device = testDevice();
  Program program = RandomPrograms(1).program(device);
  TaskOverlay task = RandomPrograms(2).task(program, device);
  Program small = smallProgram(device);
  TaskOverlay smallTask = taskOf(small, device);

  /// By both decoders.
  void expectRoundTrip() {
    Bytes bytes = encodeProgram(program, device);
    auto decoded = decodeProgram(bytes, device, "x.ntb");
    ASSERT_TRUE(decoded) << toString(decoded.diagnostics());
    expectSame(*decoded, program);
    if (std::system("python3 -c '' 2>/dev/null") == 0)
      expectSameAsJson(program, decodeWithPython(bytes));
  }

  DiagnosticList failProgram(const Bytes &bytes) {
    auto decoded = decodeProgram(bytes, device, "x.ntb");
    EXPECT_FALSE(decoded);
    return decoded ? DiagnosticList() : decoded.diagnostics();
  }
  DiagnosticList failTask(const Bytes &bytes) {
    auto decoded = decodeTask(bytes, small, device, "x.ntm");
    EXPECT_FALSE(decoded);
    return decoded ? DiagnosticList() : decoded.diagnostics();
  }
  /// The small program with one section's bytes changed and CRCs made right.
  Bytes edited(const std::string &tag,
               const std::function<void(Bytes &)> &edit) {
    File file = parse(encodeProgram(small, device));
    edit(file.section(tag));
    return assemble(file);
  }
};
} // namespace

TEST(HashTest, Crc32cHasItsCheckValue) {
  const char *digits = "123456789";
  EXPECT_EQ(crc32c(reinterpret_cast<const uint8_t *>(digits), 9), 0xE3069283u);
  // RFC 3720: 32 bytes of zeros, and of ones.
  EXPECT_EQ(crc32c(Bytes(32, 0).data(), 32), 0x8A9136AAu);
  EXPECT_EQ(crc32c(Bytes(32, 0xFF).data(), 32), 0x62A8AB43u);
  EXPECT_EQ(crc32c(nullptr, 0), 0u);
}

TEST(HashTest, Fnv1aHasItsPublishedValues) {
  EXPECT_EQ(fnv1a64(nullptr, 0), 0xCBF29CE484222325u);
  EXPECT_EQ(fnv1a64(reinterpret_cast<const uint8_t *>("a"), 1),
            0xAF63DC4C8601EC8Cu);
  EXPECT_EQ(fnv1a64(reinterpret_cast<const uint8_t *>("foobar"), 6),
            0x85944171F73967E8u);
}

TEST_F(BitstreamTest, ProgramsSurviveTheRoundTrip) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    Program original = RandomPrograms(seed).program(device);
    Bytes bytes = encodeProgram(original, device);
    auto decoded = decodeProgram(bytes, device, "x.ntb");
    ASSERT_TRUE(decoded) << toString(decoded.diagnostics());
    expectSame(*decoded, original);
    EXPECT_EQ(encodeProgram(*decoded, device), bytes);
  }
}

TEST_F(BitstreamTest, NormalisedInputsSurviveTheRoundTrip) {
  program.normalisation = {{0.485f, 0.456f, 0.406f}, {0.25f}};
  expectRoundTrip();
  // Another normalisation is another program.
  Program other = program;
  other.normalisation.deviation = {0.5f};
  EXPECT_NE(frozenHash(encodeProgram(other, device)),
            frozenHash(encodeProgram(program, device)));
}

TEST_F(BitstreamTest, SignedInputsAndFirstSpikesSurviveTheRoundTrip) {
  program.encoding = InputEncoding::Signed;
  program.inputRoutes.back().input = 2 * program.inputs - 1;
  program.readoutKind = ReadoutKind::First;
  expectRoundTrip();
}

TEST_F(BitstreamTest, NormalisationsThatAreNotCanonicalAreRefused) {
  auto with = [&](std::vector<float> mean, std::vector<float> deviation) {
    // As the writer would not: nothing but the section's numbers is looked at.
    small.normalisation = {{0.5f}, {}};
    File file = parse(encodeProgram(small, device));
    Bytes &section = file.section("NORM");
    section.clear();
    for (const std::vector<float> &list : {mean, deviation}) {
      section.push_back(uint8_t(list.size()));
      for (float value : list)
        put(section, std::bit_cast<uint64_t>(double(value)), 8);
    }
    return assemble(file);
  };
  EXPECT_TRUE(has(failProgram(with({}, {})), Diag::BitField,
                  "it changes nothing and must be left out"));
  EXPECT_TRUE(has(failProgram(with({0}, {1})), Diag::BitField));
  EXPECT_TRUE(has(failProgram(with({0.5f, 0.5f}, {})), Diag::ChipStructure,
                  "not in its shortest form"));
  EXPECT_TRUE(has(failProgram(with({}, {-1})), Diag::ChipStructure));
  EXPECT_TRUE(has(failProgram(with({NAN}, {})), Diag::BitField));
  EXPECT_TRUE(decodeProgram(with({0.5f}, {}), device, "x.ntb"));
}

TEST_F(BitstreamTest, TasksSurviveTheRoundTrip) {
  Bytes bytes = encodeTask(task, device);
  auto decoded = decodeTask(bytes, program, device, "x.ntm");
  ASSERT_TRUE(decoded) << toString(decoded.diagnostics());
  EXPECT_EQ(decoded->name, task.name);
  EXPECT_EQ(decoded->programHash, task.programHash);
  EXPECT_EQ(decoded->classOfOutput, task.classOfOutput);
  ASSERT_EQ(decoded->cores.size(), task.cores.size());
  for (size_t i = 0; i < task.cores.size(); ++i) {
    EXPECT_EQ(decoded->cores[i].dac, task.cores[i].dac);
    EXPECT_EQ(decoded->cores[i].words, task.cores[i].words);
  }
  EXPECT_EQ(encodeTask(*decoded, device), bytes);
}

TEST_F(BitstreamTest, EveryDigitCountAndEncodingSurvivesTheRoundTrip) {
  for (uint32_t digits = 1; digits <= 7; ++digits)
    for (SynapseEncoding encoding :
         {SynapseEncoding::SignedDigit, SynapseEncoding::SignMagnitude}) {
      device.synapse.digits = digits;
      device.synapse.encoding = encoding;
      Program original = RandomPrograms(digits).program(device);
      TaskOverlay overlay = RandomPrograms(9).task(original, device);
      auto decoded =
          decodeProgram(encodeProgram(original, device), device, "x.ntb");
      ASSERT_TRUE(decoded) << toString(decoded.diagnostics());
      expectSame(*decoded, original);
      EXPECT_TRUE(
          decodeTask(encodeTask(overlay, device), *decoded, device, "x.ntm"));
    }
}

TEST_F(BitstreamTest, TasksOfOneProgramLeaveItsBytesAlone) {
  // F2: the frozen file holds nothing of a task, and both tasks name it.
  Bytes before = encodeProgram(program, device);
  TaskOverlay other = RandomPrograms(77).task(program, device);
  EXPECT_NE(encodeTask(task, device), encodeTask(other, device));
  EXPECT_EQ(task.programHash, other.programHash);
  EXPECT_EQ(frozenHash(before), task.programHash);
  EXPECT_EQ(encodeProgram(program, device), before);
}

TEST_F(BitstreamTest, TaskTakesOneByteAWord) {
  size_t words = 0;
  for (const CoreModulation &core : task.cores)
    words += core.words.size();
  // 118 bytes of header and names, a few of DAC codes; 2 + 6 bits a word.
  EXPECT_LE(encodeTask(task, device).size(), words + 180);
}

TEST_F(BitstreamTest, FramesHoldTwoBitsADigit) {
  // +5 is 0b010001 and -3 is 0b001010, the latter from bit 6 on; then 0 and +7.
  Bytes expected = {2,                             // Frames; axon 1 is all off.
                    1, 0, 2, 0, 0, 0, 0x91, 0x02,  // Row 1, column 2, axon 0.
                    1, 0, 2, 0, 2, 0, 0x40, 0x05}; // Axon 2.
  EXPECT_EQ(parse(encodeProgram(small, device)).section("FRAM"), expected);
}

TEST_F(BitstreamTest, EveryFlippedByteOfAProgramIsNoticed) {
  Bytes bytes = encodeProgram(small, device);
  for (size_t i = 0; i < bytes.size(); ++i)
    for (uint8_t flip : {0x01, 0x80, 0xFF}) {
      Bytes damaged = bytes;
      damaged[i] ^= flip;
      EXPECT_FALSE(decodeProgram(damaged, device, "x.ntb")) << i;
    }
}

TEST_F(BitstreamTest, EveryFlippedByteOfATaskIsNoticed) {
  Bytes bytes = encodeTask(smallTask, device);
  for (size_t i = 0; i < bytes.size(); ++i)
    for (uint8_t flip : {0x01, 0x80, 0xFF}) {
      Bytes damaged = bytes;
      damaged[i] ^= flip;
      EXPECT_FALSE(decodeTask(damaged, small, device, "x.ntm")) << i;
    }
}

TEST_F(BitstreamTest, EveryTruncationIsNoticed) {
  Bytes bytes = encodeProgram(small, device);
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_TRUE(has(failProgram(Bytes(bytes.begin(), bytes.begin() + size)),
                    Diag::BitTruncated))
        << size;
  bytes = encodeTask(smallTask, device);
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_TRUE(has(failTask(Bytes(bytes.begin(), bytes.begin() + size)),
                    Diag::BitTruncated))
        << size;
}

TEST_F(BitstreamTest, DamageUnderRightCrcsIsNeverTakenForAnotherProgram) {
  // An adversary can compute CRCs: whatever decodes must be what was written.
  File original = parse(encodeProgram(small, device));
  RandomPrograms random(5);
  size_t accepted = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    File file = original;
    for (uint32_t edits = 1 + random.below(3); edits > 0; --edits) {
      Bytes &section = file.sections[random.below(7)].second;
      size_t at = random.below(uint32_t(section.size()));
      switch (random.below(4)) {
      case 0:
        section[at] = uint8_t(random.below(256));
        break;
      case 1:
        section[at] ^= uint8_t(1 << random.below(8));
        break;
      case 2:
        section.erase(section.begin() + at);
        break;
      default:
        section.insert(section.begin() + at, uint8_t(random.below(256)));
      }
      if (section.empty())
        section.push_back(0);
    }
    Bytes bytes = assemble(file);
    auto decoded = decodeProgram(bytes, device, "x.ntb");
    if (!decoded)
      continue;
    ++accepted;
    EXPECT_TRUE(checkProgram(*decoded, device).empty());
    Bytes again = encodeProgram(*decoded, device);
    // Only the frames may differ, by another encoding of the same codes.
    File found = parse(bytes), canonical = parse(again);
    for (size_t i = 0; i < found.sections.size(); ++i)
      if (found.sections[i].first != "FRAM") {
        EXPECT_EQ(found.sections[i], canonical.sections[i]);
      }
    auto decodedAgain = decodeProgram(again, device, "x.ntb");
    ASSERT_TRUE(decodedAgain);
    expectSame(*decodedAgain, *decoded);
  }
  // Names, DAC codes and codes may change and still make a program.
  EXPECT_GT(accepted, 100u);
  EXPECT_LT(accepted, 15000u);
}

TEST_F(BitstreamTest, DamagedTasksUnderRightCrcsNeverCrash) {
  File original = parse(encodeTask(smallTask, device));
  RandomPrograms random(6);
  size_t accepted = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    File file = original;
    Bytes &section = file.sections[random.below(3)].second;
    size_t at = random.below(uint32_t(section.size()));
    if (random.below(2))
      section[at] = uint8_t(random.below(256));
    else
      section.erase(section.begin() + at);
    auto decoded = decodeTask(assemble(file), small, device, "x.ntm");
    if (!decoded)
      continue;
    ++accepted;
    EXPECT_TRUE(checkTask(*decoded, small, device).empty());
  }
  EXPECT_GT(accepted, 100u);
}

TEST_F(BitstreamTest, HugeCountsAllocateNothing) {
  // 2^32 - 1 entries in a section of a few bytes.
  for (const char *tag : {"LAYR", "CORE", "FRAM", "INPT", "ROUT", "READ"}) {
    DiagnosticList found = failProgram(edited(tag, [](Bytes &section) {
      section = {0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0};
    }));
    EXPECT_TRUE(has(found, Diag::BitTruncated, std::string("section ") + tag))
        << toString(found);
  }
}

TEST_F(BitstreamTest, CoreSizesAboveTheDevicesAreRefusedBeforeAllocation) {
  DiagnosticList found = failProgram(edited("CORE", [](Bytes &section) {
    // Count, row, column, then the axons: 3 becomes 2^32 - 1.
    ASSERT_EQ(section[5], 3);
    section.erase(section.begin() + 5);
    Bytes huge = {0xFF, 0xFF, 0xFF, 0xFF, 0x0F};
    section.insert(section.begin() + 5, huge.begin(), huge.end());
  }));
  EXPECT_TRUE(has(found, Diag::MapFanIn, "4294967295 axons"));
}

TEST_F(BitstreamTest, DamagedSectionsAreAllReported) {
  Bytes bytes = encodeProgram(small, device);
  File file = parse(bytes);
  for (const char *tag : {"META", "FRAM", "READ"})
    bytes[file.offset(tag)] ^= 1;
  DiagnosticList found = failProgram(bytes);
  EXPECT_EQ(found.size(), 3u) << toString(found);
  for (const char *tag : {"META", "FRAM", "READ"})
    EXPECT_TRUE(has(found, Diag::BitCrc, std::string("section ") + tag));
}

TEST_F(BitstreamTest, FilesOfAnotherKindAreNamed) {
  EXPECT_TRUE(has(failProgram(encodeTask(smallTask, device)), Diag::BitMagic,
                  "it is a task overlay"));
  EXPECT_TRUE(has(failTask(encodeProgram(small, device)), Diag::BitMagic,
                  "it is a program"));
  EXPECT_TRUE(has(failProgram({'P', 'K', 3, 4, 0}), Diag::BitMagic));
}

TEST_F(BitstreamTest, OtherVersionsAreRefusedAsSuch) {
  Bytes bytes = encodeProgram(small, device);
  bytes[4] = 2;
  DiagnosticList found = failProgram(bytes);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(has(found, Diag::BitVersion, "version 2"));
}

TEST_F(BitstreamTest, AnotherDeviceIsNamedAlone) {
  Bytes bytes = encodeProgram(small, device);
  device.hash = 7;
  device.name = "other";
  DiagnosticList found = failProgram(bytes);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(has(found, Diag::BitDevice, "0x1122334455667788"));
}

TEST_F(BitstreamTest, TaskOfAnotherNetworkIsRefused) {
  Bytes bytes = encodeTask(smallTask, device);
  small.cores[0].codes[0] = 6;
  EXPECT_TRUE(has(failTask(bytes), Diag::BitNetwork));
}

TEST_F(BitstreamTest, SectionsMustBeCompleteKnownSingleAndInOrder) {
  File original = parse(encodeProgram(small, device));
  File file = original;
  file.sections.erase(file.sections.begin() + 2);
  EXPECT_TRUE(has(failProgram(assemble(file)), Diag::BitSection,
                  "section CORE: error: [NT-BIT-008]"));
  file = original;
  file.sections.push_back({"XTRA", {1, 2, 3}});
  EXPECT_TRUE(
      has(failProgram(assemble(file)), Diag::BitSection, "it is unknown"));
  file = original;
  file.sections.push_back(file.sections[0]);
  EXPECT_TRUE(
      has(failProgram(assemble(file)), Diag::BitSection, "it is repeated"));
  file = original;
  std::swap(file.sections[0], file.sections[1]);
  EXPECT_TRUE(
      has(failProgram(assemble(file)), Diag::BitSection, "not in their order"));
}

TEST_F(BitstreamTest, BytesAfterTheEndAreRefused) {
  Bytes bytes = encodeProgram(small, device);
  bytes.push_back(0);
  EXPECT_TRUE(has(failProgram(bytes), Diag::BitField, "1 bytes follow"));
  EXPECT_TRUE(has(
      failProgram(edited("READ", [](Bytes &section) { section.push_back(0); })),
      Diag::BitField, "section's last field"));
}

TEST_F(BitstreamTest, InvalidSourcesCiteH1) {
  DiagnosticList found =
      failProgram(edited("FRAM", [](Bytes &section) { section[7] |= 0x0C; }));
  // The middle digit of neuron 0 is 11: neither on nor off.
  EXPECT_TRUE(has(found, Diag::BitField, "column 0 (rule H1)"))
      << toString(found);
}

TEST_F(BitstreamTest, RedundantDigitsGiveTheirSum) {
  // +5 as 7 - 2 would need 8; take the code 1 as 2 - 1: 10 01 00.
  small.cores[0].codes[0] = 1;
  Bytes bytes = edited("FRAM", [](Bytes &section) {
    ASSERT_EQ(section[7] & 0x3F, 0x01);
    section[7] = uint8_t((section[7] & 0xC0) | 0x06);
  });
  auto decoded = decodeProgram(bytes, device, "x.ntb");
  ASSERT_TRUE(decoded) << toString(decoded.diagnostics());
  expectSame(*decoded, small);

  // Sign and magnitude has one sign for all digits.
  device.synapse.encoding = SynapseEncoding::SignMagnitude;
  bytes = edited("FRAM", [](Bytes &section) {
    section[7] = uint8_t((section[7] & 0xC0) | 0x06);
  });
  EXPECT_TRUE(has(failProgram(bytes), Diag::BitField, "rule H1"));
}

TEST_F(BitstreamTest, AFrameThatIsAllOffIsRefused) {
  EXPECT_TRUE(
      has(failProgram(edited(
              "FRAM", [](Bytes &section) { section[7] = section[8] = 0; })),
          Diag::BitField, "all off"));
}

TEST_F(BitstreamTest, FramesOutOfOrderOrOfNoAxonAreRefused) {
  EXPECT_TRUE(
      has(failProgram(edited("FRAM", [](Bytes &section) { section[5] = 2; })),
          Diag::BitField, "repeated or out of order"));
  EXPECT_TRUE(
      has(failProgram(edited("FRAM", [](Bytes &section) { section[5] = 3; })),
          Diag::BitField, "of no axon"));
  EXPECT_TRUE(
      has(failProgram(edited("FRAM", [](Bytes &section) { section[1] = 0; })),
          Diag::BitField, "of no core"));
}

TEST_F(BitstreamTest, PaddingBitsMustBeZero) {
  EXPECT_TRUE(has(
      failProgram(edited("FRAM", [](Bytes &section) { section[8] |= 0x80; })),
      Diag::BitField, "padding"));
}

TEST_F(BitstreamTest, NumbersMustBeInTheirShortestForm) {
  EXPECT_TRUE(has(failProgram(edited("READ",
                                     [](Bytes &section) {
                                       // One output, written as 81 00.
                                       section[0] |= 0x80;
                                       section.insert(section.begin() + 1, 0);
                                     })),
                  Diag::BitField, "shortest form"));
}

TEST_F(BitstreamTest, ManyMisfitsOfASectionEndInACount) {
  Program wide = program;
  File file = parse(encodeProgram(wide, device));
  Bytes &frames = file.section("FRAM");
  // Every source of every frame becomes invalid, addresses too.
  std::fill(frames.begin() + 8, frames.begin() + 20, 0xFF);
  DiagnosticList found = failProgram(assemble(file));
  EXPECT_GE(found.size(), 16u);
  EXPECT_LE(found.size(), 18u);
}

TEST_F(BitstreamTest, TheExampleOfTheDocumentIsWhatTheWriterGives) {
  std::ifstream file(std::string(NTRT_TEST_SHARE_DIR) +
                     "/../../docs/bitstream.md");
  ASSERT_TRUE(file);
  EXPECT_EQ(hexDump(encodeProgram(small, device)), codeBlock(file, "tiny.ntb"));
  EXPECT_EQ(hexDump(encodeTask(smallTask, device)),
            codeBlock(file, "tiny.ntm"));
}

TEST_F(BitstreamTest, TheIndependentDecoderAgrees) {
  if (std::system("python3 -c '' 2>/dev/null") != 0)
    GTEST_SKIP() << "no python3";
  auto decoded = decodeWithPython(encodeProgram(program, device));
  expectSameAsJson(program, decoded);
  EXPECT_EQ(decoded["hash"], hexText(task.programHash));
  decoded = decodeWithPython(encodeTask(task, device));
  expectSameAsJson(task, decoded);
}

TEST_F(BitstreamTest, TheIndependentDecoderRefusesDamage) {
  if (std::system("python3 -c '' 2>/dev/null") != 0)
    GTEST_SKIP() << "no python3";
  Bytes bytes = encodeProgram(small, device);
  bytes.back() ^= 1;
  EXPECT_TRUE(decodeWithPython(bytes).is_discarded());
}

TEST(FileTest, WritesWholeFilesAndReadsThem) {
  TemporaryFolder folder;
  std::string path = folder.path + "/a.bin";
  ASSERT_TRUE(writeFileWhole(path, "first", 5));
  ASSERT_TRUE(writeFileWhole(path, "second!", 7));
  auto bytes = readFile(path);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(std::string(bytes->begin(), bytes->end()), "second!");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(FileTest, AFailedWriteLeavesNothingBehind) {
  TemporaryFolder folder;
  Status missing = writeFileWhole(folder.path + "/no/such.bin", "x", 1);
  ASSERT_FALSE(missing);
  EXPECT_TRUE(has(missing.diagnostics(), Diag::FileNotWritten, "such.bin"));
  // A folder in the way is not replaced, and the temporary file goes.
  std::filesystem::create_directories(folder.path + "/taken/inside");
  EXPECT_FALSE(writeFileWhole(folder.path + "/taken", "x", 1));
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(FileTest, MissingFilesAndFoldersAreReported) {
  TemporaryFolder folder;
  auto missing = readFile(folder.path + "/none");
  ASSERT_FALSE(missing);
  EXPECT_TRUE(has(missing.diagnostics(), Diag::FileMissing, "none"));
  EXPECT_FALSE(readFile(folder.path));
}
