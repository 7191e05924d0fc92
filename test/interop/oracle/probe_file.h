// What ROOT says about a file as a container: open, list, read every object, update.
#pragma once
#include "TH1F.h"
#include "TROOT.h"
#include "TSystem.h"
#include "TTree.h"
#include "ROOT/RNTuple.hxx"
#include "ROOT/RNTupleModel.hxx"
#include "ROOT/RNTupleWriter.hxx"
#include "probe_base.h"

namespace oracle {

/// Reads the object of one key; the class of what came back, empty when nothing did.
inline std::string readBack(TKey *key)
{
   std::string name = key->GetClassName();
   if (name == "ROOT::RNTuple" || name == "ROOT::Experimental::RNTuple")
      return key->ReadObject<ROOT::RNTuple>() ? name : "";
   auto cls = TClass::GetClass(name.c_str());
   if (!cls) return "";
   if (!cls->IsTObject()) return key->ReadObjectAny(nullptr) ? name : "";
   auto object = key->ReadObj();
   return object ? object->ClassName() : "";
}

/// JSON: opened, recovered, size, infos, directories, keys with path, class, cycle, title, and the class ROOT read back.
inline std::string openCheck(const char *path)
{
   std::unique_ptr<TFile> file(TFile::Open(path));
   if (!file || file->IsZombie()) return "{\"opened\":false}";
   std::vector<std::string> keys, infos;
   for (auto &info : streamerInfos(file.get())) infos.push_back(quote(info));
   walk(file.get(), "", [&](TKey *key, const std::string &prefix) {
      keys.push_back(Form("{\"path\":%s,\"class\":%s,\"cycle\":%d,\"title\":%s,\"read\":%s}", quote(prefix + key->GetName()).c_str(),
                          quote(key->GetClassName()).c_str(), key->GetCycle(), quote(key->GetTitle()).c_str(),
                          isDirectory(key) ? "\"TDirectoryFile\"" : quote(readBack(key)).c_str()));
   });
   return Form("{\"opened\":true,\"recovered\":%s,\"version\":%d,\"compression\":%d,\"sizeBytes\":%lld,\"infos\":",
               file->TestBit(TFile::kRecovered) ? "true" : "false", file->GetVersion(), file->GetCompressionSettings(), file->GetSize()) +
          list(infos) + ",\"keys\":" + list(keys) + "}";
}

/// Prints the record map to stdout: the caller looks for GAP and END lines.
inline void map(const char *path)
{
   std::unique_ptr<TFile> file(TFile::Open(path));
   if (file && !file->IsZombie()) file->Map();
}

/// Opens for UPDATE, writes a histogram, overwrites it, makes a directory with one inside, closes. True when all went well.
inline bool update(const char *path)
{
   std::unique_ptr<TFile> file(TFile::Open(path, "UPDATE"));
   if (!file || file->IsZombie() || !file->IsWritable()) return false;
   TH1F histogram("oracle_added", "added", 100, 0, 1);
   histogram.FillRandom("gaus", 500);
   bool good = file->WriteTObject(&histogram) > 0;
   histogram.Fill(0.5);
   good = good && file->WriteTObject(&histogram, nullptr, "overwrite") > 0;
   auto dir = file->mkdir("oracle_dir");
   good = good && dir && dir->WriteTObject(&histogram) > 0;
   file->Write();
   file->Close();
   return good;
}

/// A small file with one object of each kind the probes know.
inline bool writeWarmFile(const char *path)
{
   TFile file(path, "RECREATE");
   TH1F histogram("h", "h", 10, 0, 1);
   file.WriteTObject(&histogram);
   TNamed named("n", "n");
   file.WriteTObject(&named);
   float x = 1;
   TTree tree("t", "t");
   tree.Branch("x", &x);
   tree.Fill();
   tree.Write();
   auto model = ROOT::RNTupleModel::Create();
   *model->MakeField<float>("x") = 1;
   ROOT::RNTupleWriter::Append(std::move(model), "r", file)->Fill();
   file.Close();
   return !file.TestBit(TFile::kWriteError);
}

} // namespace oracle
