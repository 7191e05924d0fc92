// Histograms: the numbers of every bin taken from the arrays themselves, and the sum that a merge must equal.
// The sum is worked out here from the arrays, not by TH1::Merge, so that it judges hadd as well.
#pragma once
#include <cmath>
#include <limits>
#include <sstream>
#include "TArrayC.h"
#include "TArrayD.h"
#include "TArrayF.h"
#include "TArrayI.h"
#include "TArrayL64.h"
#include "TArrayS.h"
#include "TH1.h"
#include "TH2Poly.h"
#include "TProfile.h"
#include "TProfile2D.h"
#include "TProfile3D.h"
#include "probe_base.h"

namespace oracle {

/// Sum of weights as stored. Zero in a filled histogram: ROOT works the statistics out from the bins.
struct StoredWeight : TH1 {
   static double of(TH1 *h) { return h->*(&StoredWeight::fTsumw); }
};

struct HistValues {
   std::string className, frame;                     // frame: everything that does not add: axes, labels, functions, attributes
   char cellType = 0;                                // C S I L F D
   std::vector<long double> cells;                   // 64-bit mantissa: exact for every cell type
   std::vector<double> sumw2, binEntries, binSumw2;  // empty: not stored
   std::vector<double> stats;
   double entries = 0;
   bool statsFromBins = false;
   bool buffered = false;                            // had fills that were not binned yet and no axis limits
};

inline bool isHistogram(const char *className)
{
   auto cls = TClass::GetClass(className);
   return cls && cls->InheritsFrom(TH1::Class()) && !cls->InheritsFrom(TH2Poly::Class()) && std::string(className) != "TH1K";
}

template <class A> bool takeCells(TH1 *h, char type, HistValues &out)
{
   auto array = dynamic_cast<A *>(h);
   if (!array) return false;
   out.cellType = type;
   for (int i = 0; i < array->GetSize(); ++i) out.cells.push_back(array->GetArray()[i]);
   return true;
}

inline std::vector<double> doubles(const TArrayD *array)
{
   if (!array || array->GetSize() == 0) return {};
   return {array->GetArray(), array->GetArray() + array->GetSize()};
}

template <class P> bool takeProfile(TH1 *h, HistValues &out)
{
   auto profile = dynamic_cast<P *>(h);
   if (!profile) return false;
   for (int i = 0; i < profile->GetSize(); ++i) out.binEntries.push_back(profile->GetBinEntries(i));
   out.binSumw2 = doubles(profile->GetBinSumw2());
   return true;
}

inline std::string frameOf(TH1 *h)
{
   std::unique_ptr<TH1> copy(static_cast<TH1 *>(h->Clone()));
   copy->SetBuffer(0);
   copy->SetEntries(0);
   copy->Reset("ICES");
   copy->Sumw2(false);
   return TBufferJSON::ConvertToJSON(copy.get()).Data();
}

inline HistValues values(TH1 *h)
{
   HistValues out;
   out.className = h->ClassName();
   out.buffered = h->GetBuffer() && h->GetBufferLength() > 0 && h->GetXaxis()->GetXmax() <= h->GetXaxis()->GetXmin();
   if (h->GetBuffer() && h->GetBufferLength() > 0) h->BufferEmpty(1);  // negative: the bins have these fills already
   takeCells<TArrayC>(h, 'C', out) || takeCells<TArrayS>(h, 'S', out) || takeCells<TArrayI>(h, 'I', out) ||
      takeCells<TArrayL64>(h, 'L', out) || takeCells<TArrayF>(h, 'F', out) || takeCells<TArrayD>(h, 'D', out);
   takeProfile<TProfile>(h, out) || takeProfile<TProfile2D>(h, out) || takeProfile<TProfile3D>(h, out);
   out.sumw2 = doubles(h->GetSumw2());
   double stats[TH1::kNstat] = {0};
   h->GetStats(stats);
   out.stats.assign(stats, stats + TH1::kNstat);
   out.entries = h->GetEntries();
   out.statsFromBins = StoredWeight::of(h) == 0;
   out.frame = frameOf(h);
   return out;
}

inline long double saturated(long double sum, long double low, long double high) { return sum < low ? low : sum > high ? high : sum; }

/// One addition as the bin type does it: float and double round, 8 to 32 bit integers saturate (ROOT never wraps them).
inline long double addCells(char type, long double a, long double b)
{
   switch (type) {
   case 'C': return saturated(a + b, -127, 127);
   case 'S': return saturated(a + b, -32767, 32767);
   case 'I': return saturated(a + b, -2147483647, 2147483647);
   case 'F': return float(a) + float(b);
   case 'D': return double(a) + double(b);
   default: return a + b;
   }
}

inline void addTo(std::vector<double> &sum, const std::vector<double> &next)
{
   for (size_t i = 0; i < sum.size() && i < next.size(); ++i) sum[i] += next[i];
}

/// Squared errors where none are stored: the bin content (profiles: the bin entries).
inline std::vector<double> impliedSumw2(const HistValues &h) { return {h.cells.begin(), h.cells.end()}; }

/// acc += next; the axes must be equal.
inline void fold(HistValues &acc, const HistValues &next)
{
   if (!acc.sumw2.empty() || !next.sumw2.empty()) {
      if (acc.sumw2.empty()) for (auto v : acc.cells) acc.sumw2.push_back(std::fabs(double(v)));
      addTo(acc.sumw2, next.sumw2.empty() ? impliedSumw2(next) : next.sumw2);
   }
   if (!acc.binSumw2.empty() || !next.binSumw2.empty()) {
      if (acc.binSumw2.empty()) acc.binSumw2 = acc.binEntries;
      addTo(acc.binSumw2, next.binSumw2.empty() ? next.binEntries : next.binSumw2);
   }
   for (size_t i = 0; i < acc.cells.size() && i < next.cells.size(); ++i)
      acc.cells[i] = addCells(acc.cellType, acc.cells[i], next.cells[i]);
   addTo(acc.binEntries, next.binEntries);
   addTo(acc.stats, next.stats);
   acc.entries += next.entries;
   acc.statsFromBins = acc.statsFromBins && next.statsFromBins;
}

inline bool same(double a, double b, double tolerance)
{
   if (a == b || (std::isnan(a) && std::isnan(b))) return true;
   return std::fabs(a - b) <= tolerance * std::max(std::fabs(a), std::fabs(b));
}

template <class V>
void compareArray(const char *what, const V &wanted, const V &found, double tolerance, std::vector<std::string> &out)
{
   if (wanted.size() != found.size()) {
      out.push_back(Form("%s: %zu values expected, found %zu", what, wanted.size(), found.size()));
      return;
   }
   size_t bad = 0, first = 0;
   for (size_t i = wanted.size(); i-- > 0;)
      if (!same(wanted[i], found[i], tolerance)) { ++bad; first = i; }
   if (bad) out.push_back(Form("%s: %zu of %zu differ, first [%zu] expected %.17g, found %.17g", what, bad, wanted.size(), first,
                               double(wanted[first]), double(found[first])));
}

/// Where two texts part, with some text around it.
inline std::string parting(const std::string &a, const std::string &b)
{
   size_t i = 0;
   while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
   size_t from = i < 60 ? 0 : i - 60;
   return "expected ..." + a.substr(from, 140) + "..., found ..." + b.substr(from, 140) + "...";
}

inline std::vector<std::string> compareValues(const HistValues &wanted, const HistValues &found)
{
   std::vector<std::string> out;
   if (wanted.className != found.className) out.push_back("class: expected " + wanted.className + ", found " + found.className);
   compareArray("contents", wanted.cells, found.cells, 0, out);
   compareArray("sumw2", wanted.sumw2, found.sumw2, 0, out);
   compareArray("bin entries", wanted.binEntries, found.binEntries, 0, out);
   compareArray("bin sumw2", wanted.binSumw2, found.binSumw2, 0, out);
   if (!wanted.statsFromBins) compareArray("statistics", wanted.stats, found.stats, 1e-10, out);
   if (!same(wanted.entries, found.entries, 1e-12))
      out.push_back(Form("entries: expected %.17g, found %.17g", wanted.entries, found.entries));
   if (wanted.frame != found.frame) out.push_back("frame: " + parting(wanted.frame, found.frame));
   return out;
}

/// The expected sum of histograms of equal axes; with buffers of automatic range ROOT's own Merge is the only definition.
inline HistValues expectedSum(const std::vector<TH1 *> &inputs)
{
   std::vector<std::unique_ptr<TH1>> copies;
   for (auto h : inputs) copies.emplace_back(static_cast<TH1 *>(h->Clone()));
   std::vector<HistValues> all;
   bool anyBuffered = false;
   for (auto h : inputs) { all.push_back(values(h)); anyBuffered |= all.back().buffered; }
   if (anyBuffered) {
      TList others;
      for (size_t i = 1; i < copies.size(); ++i) others.Add(copies[i].get());
      copies[0]->Merge(&others);
      return values(copies[0].get());
   }
   for (size_t i = 1; i < all.size(); ++i) fold(all[0], all[i]);
   return all[0];
}

inline TH1 *readHistogram(TKey *key) { return dynamic_cast<TH1 *>(key->ReadObj()); }

/// Differences between the histogram of `found` and the sum of those of `inputs`.
inline std::vector<std::string> compareHistograms(TKey *found, const std::vector<TKey *> &inputs)
{
   std::vector<TH1 *> read;
   for (auto key : inputs) {
      read.push_back(readHistogram(key));
      if (!read.back()) return {};  // ROOT cannot read the input: it is no judge here
   }
   auto result = readHistogram(found);
   if (!result) return {"ROOT cannot read the histogram"};
   return compareValues(expectedSum(read), values(result));
}

inline std::string numbers(const std::vector<double> &v)
{
   std::vector<std::string> texts;
   for (auto x : v) texts.push_back(std::isfinite(x) ? std::string(Form("%.17g", x)) : quote(Form("%g", x)));
   return list(texts);
}

/// JSON of all numbers of a histogram, for dumps.
inline std::string histogramJson(TKey *key)
{
   auto h = readHistogram(key);
   if (!h) return "null";
   auto v = values(h);
   Hash frame;
   frame.add(v.frame.data(), v.frame.size());
   std::vector<double> cells(v.cells.begin(), v.cells.end());
   return "{\"entries\":" + numbers({v.entries}) + ",\"stats\":" + numbers(v.stats) + ",\"cells\":" + numbers(cells) +
          ",\"sumw2\":" + numbers(v.sumw2) + ",\"binEntries\":" + numbers(v.binEntries) + ",\"binSumw2\":" + numbers(v.binSumw2) +
          ",\"frame\":" + quote(frame.hex()) + "}";
}

} // namespace oracle
