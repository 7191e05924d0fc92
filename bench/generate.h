// Bench inputs, written by real ROOT. Every function writes one file; equal arguments give equal content.
#pragma once
#include <array>
#include <string>
#include <vector>
#include "ROOT/RNTupleModel.hxx"
#include "ROOT/RNTupleWriter.hxx"
#include "TDirectory.h"
#include "TFile.h"
#include "TH1F.h"
#include "TH2D.h"
#include "TRandom3.h"
#include "TTree.h"

namespace bench {

/// A float with only `bits` of its mantissa: compresses as detector data do.
inline float rough(TRandom &random, int bits)
{
   float value = random.Gaus(50, 20);
   uint32_t word;
   memcpy(&word, &value, 4);
   word &= ~0u << (23 - bits);
   memcpy(&value, &word, 4);
   return value;
}

inline void fillTree(TTree &tree, int branches, int entries, int bits, TRandom &random)
{
   std::vector<float> values(branches);
   for (int b = 0; b < branches; ++b) tree.Branch(Form("b%04d", b), &values[b], Form("b%04d/F", b));
   for (int i = 0; i < entries; ++i) {
      for (auto &value : values) value = rough(random, bits);
      tree.Fill();
   }
}

inline void treeFile(const char *path, int seed, int compression, int branches, int entries, int bits)
{
   TFile file(path, "RECREATE", "", compression);
   TRandom3 random(seed);
   TTree tree("tree", "bench");
   fillTree(tree, branches, entries, bits, random);
   file.Write();
}

/// A TH1F with 100 bins and a few dozen fills, as a monitoring job leaves it.
inline void writeHistogram(TDirectory *dir, const char *name, TRandom &random)
{
   TH1F histogram(name, name, 100, 0, 100);
   histogram.SetDirectory(nullptr);
   for (int i = 0; i < 100; ++i) histogram.SetBinContent(i, random.Integer(1 << random.Integer(6)));
   histogram.SetEntries(100);
   dir->WriteTObject(&histogram);
}

inline void histogramFile(const char *path, int seed, int count, const char *prefix)
{
   TFile file(path, "RECREATE");
   TRandom3 random(seed);
   for (int i = 0; i < count; ++i) writeHistogram(&file, Form("%s%05d", prefix, i), random);
}

inline void directoriesFile(const char *path, int seed, int directories, int histograms)
{
   TFile file(path, "RECREATE");
   TRandom3 random(seed);
   for (int d = 0; d < directories; ++d) {
      auto dir = file.mkdir(Form("dir%03d", d));
      for (int i = 0; i < histograms; ++i) writeHistogram(dir, Form("h%03d", i), random);
   }
   file.Write();
}

inline void big2dFile(const char *path, int seed, int count)
{
   TFile file(path, "RECREATE");
   TRandom3 random(seed);
   for (int i = 0; i < count; ++i) {
      TH2D histogram(Form("h2_%02d", i), "weighted", 500, 0, 1, 500, 0, 1);
      histogram.SetDirectory(nullptr);
      histogram.Sumw2();
      for (int n = 0; n < 80000; ++n) histogram.Fill(random.Gaus(0.5, 0.2), random.Gaus(0.5, 0.2), 1 + random.Integer(4));
      file.WriteTObject(&histogram);
   }
}

inline void smallFile(const char *path, int seed)
{
   TFile file(path, "RECREATE");
   TRandom3 random(seed);
   TTree tree("tree", "bench");
   fillTree(tree, 20, 250, 12, random);
   tree.Write();
   for (int i = 0; i < 20; ++i) writeHistogram(&file, Form("h%02d", i), random);
}

inline void ntupleFile(const char *path, int seed, int entries)
{
   TRandom3 random(seed);
   auto model = ROOT::RNTupleModel::Create();
   std::array<std::shared_ptr<float>, 16> scalars;
   for (int i = 0; i < 16; ++i) scalars[i] = model->MakeField<float>(Form("f%02d", i));
   auto number = model->MakeField<std::int32_t>("number");
   auto hits = model->MakeField<std::vector<float>>("hits");
   auto options = ROOT::RNTupleWriteOptions();
   options.SetCompression(505);
   auto writer = ROOT::RNTupleWriter::Recreate(std::move(model), "events", path, options);
   for (int i = 0; i < entries; ++i) {
      for (auto &scalar : scalars) *scalar = rough(random, 12);
      *number = i;
      hits->resize(random.Integer(8));
      for (auto &hit : *hits) hit = rough(random, 12);
      writer->Fill();
   }
}

} // namespace bench
