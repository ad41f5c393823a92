// SPDX-License-Identifier: Apache-2.0
#include "db/audit_chain.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

static void add_number(EVP_MD_CTX *md, uint64_t number)
{
    uint8_t octets[8];
    for (int i = 0; i < 8; i++)
        octets[i] = (uint8_t)(number >> (56 - 8 * i));
    int done = EVP_DigestUpdate(md, octets, sizeof octets);
    assert(done == 1);
}

static void add_text(EVP_MD_CTX *md, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    add_number(md, len);
    int done = EVP_DigestUpdate(md, text ? text : "", len);
    assert(done == 1);
}

void audit_chain(uint8_t hash[AUDIT_HASH_LEN], const struct audit_record *r)
{
    const char *const texts[] = {r->who, r->role, r->action, r->station, r->subject, r->state, r->detail};
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    int begun = md ? EVP_DigestInit_ex(md, EVP_sha256(), NULL) : 0;
    assert(begun == 1);
    int done = EVP_DigestUpdate(md, hash, AUDIT_HASH_LEN);
    assert(done == 1);
    add_number(md, (uint64_t)r->id);
    add_number(md, (uint64_t)r->at_ms);
    add_number(md, (uint64_t)r->command);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        add_text(md, texts[i]);
    done = EVP_DigestFinal_ex(md, hash, NULL);
    assert(done == 1);
    EVP_MD_CTX_free(md);
}
