// Shared by the probes: JSON text, hashes, the walk over all keys of a file.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>
#include "RZip.h"
#include "TBufferJSON.h"
#include "TClass.h"
#include "TDirectoryFile.h"
#include "TFile.h"
#include "TKey.h"
#include "TList.h"
#include "TStreamerInfo.h"

namespace oracle {

/// A JSON string literal; bytes outside printable ASCII become \u00XX, so the text is valid whatever a name holds.
inline std::string quote(const std::string &text)
{
   std::string out = "\"";
   for (unsigned char c : text) {
      if (c == '"' || c == '\\') { out += '\\'; out += c; }
      else if (c < 0x20 || c > 0x7e) out += Form("\\u%04x", c);
      else out += c;
   }
   return out + "\"";
}

inline std::string list(const std::vector<std::string> &values)
{
   std::string out = "[";
   for (auto &v : values) out += (out.size() > 1 ? "," : "") + v;
   return out + "]";
}

/// FNV-1a, 64 bits, over a growing stream of bytes.
struct Hash {
   uint64_t state = 0xcbf29ce484222325ull;
   void add(const void *data, size_t size)
   {
      auto bytes = static_cast<const unsigned char *>(data);
      for (size_t i = 0; i < size; ++i) state = (state ^ bytes[i]) * 0x100000001b3ull;
   }
   std::string hex() const { return Form("%016llx", (unsigned long long)state); }
};

inline bool isDirectory(TKey *key)
{
   std::string name = key->GetClassName();
   return name == "TDirectory" || name == "TDirectoryFile";
}

/// Calls visit(key, path of the owning directory) for every key, directories before their content.
inline void walk(TDirectory *dir, const std::string &prefix, const std::function<void(TKey *, const std::string &)> &visit)
{
   std::vector<TKey *> keys;
   for (auto o : *dir->GetListOfKeys()) keys.push_back(static_cast<TKey *>(o));
   std::set<std::string> seen;
   for (auto key : keys) {
      visit(key, prefix);
      if (!isDirectory(key) || !seen.insert(key->GetName()).second) continue;
      if (auto sub = dynamic_cast<TDirectory *>(key->ReadObj())) walk(sub, prefix + key->GetName() + "/", visit);
   }
}

/// The payload of a key, decompressed. Empty when a block cannot be decompressed.
inline std::vector<char> payload(TKey *key)
{
   auto file = key->GetFile();
   int stored = key->GetNbytes() - key->GetKeylen(), size = key->GetObjlen();
   std::vector<char> in(stored), out(size);
   file->Seek(key->GetSeekKey() + key->GetKeylen());
   if (file->ReadBuffer(in.data(), stored)) return {};
   if (size <= stored) { in.resize(size); return in; }
   int from = 0, to = 0;
   while (to < size) {
      int packed = 0, unpacked = 0, got = 0;
      auto source = reinterpret_cast<unsigned char *>(in.data() + from);
      if (from + 9 > stored || R__unzip_header(&packed, source, &unpacked)) return {};
      if (from + packed > stored || to + unpacked > size) return {};
      R__unzip(&packed, source, &unpacked, reinterpret_cast<unsigned char *>(out.data() + to), &got);
      if (got == 0) return {};
      from += packed;
      to += got;
   }
   return out;
}

inline std::string payloadHash(TKey *key)
{
   auto bytes = payload(key);
   Hash hash;
   hash.add(bytes.data(), bytes.size());
   return hash.hex() + ":" + std::to_string(bytes.size());
}

/// ROOT's JSON of an object of a compiled class; empty for other classes (emulated ones crash TBufferJSON) and
/// when ROOT cannot read it.
inline std::string objectJson(TKey *key)
{
   auto cls = TClass::GetClass(key->GetClassName());
   if (!cls || !cls->IsLoaded()) return "";
   void *object = cls->IsTObject() ? dynamic_cast<void *>(key->ReadObj()) : key->ReadObjectAny(cls);
   return object ? std::string(TBufferJSON::ConvertToJSON(object, cls).Data()) : "";
}

/// (class, version, checksum) of every streamer info of a file, and every rule as (rule, text, 0).
inline std::vector<std::string> streamerInfos(TFile *file)
{
   std::vector<std::string> out;
   std::unique_ptr<TList> infos(file->GetStreamerInfoList());
   if (!infos) return out;
   for (auto o : *infos) {
      if (auto info = dynamic_cast<TStreamerInfo *>(o))
         out.push_back(Form("%s v%d %08x", info->GetName(), info->GetClassVersion(), info->GetCheckSum()));
      else if (auto rules = dynamic_cast<TList *>(o))
         for (auto rule : *rules) out.push_back(std::string("rule ") + rule->GetName());
   }
   return out;
}

} // namespace oracle
