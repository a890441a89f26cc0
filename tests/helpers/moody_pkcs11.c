/* SoftHSM2 (or OpenSC) with moods of real cards that it does not have, read from the environment at each call (hexadecimal numbers):
   MOODY_ON, MOODY_OFF: token flags set and cleared; MOODY_LOGIN, MOODY_SIGN: what the call returns (CKR_…);
   MOODY_FALSE: the signature is not one; MOODY_FALSE_BY: by this mechanism; MOODY_UNSIGNING: a listed mechanism that does not sign; MOODY_UNLISTED: a mechanism that the token does not list; MOODY_REFUSED_1, MOODY_REFUSED_2:
   a mechanism that the key of this CKA_ID refuses, with MOODY_REFUSAL (CKR_KEY_TYPE_INCONSISTENT unless told); MOODY_OPEN: what
   C_OpenSession returns; MOODY_AGAIN: it gives the handle of the session that was logged in, which its card's move has ended, as OpenSC
   may; MOODY_SWAP: the slot of the card that has come once a session was opened; MOODY_LIST: what C_GetMechanismList returns. MOODY_HELD, MOODY_HELD_LOGIN, MOODY_HELD_LIST: a file;
   while it is there C_GetTokenInfo, or C_Login once it has the PIN, or C_GetMechanismList does not come back.
   Positions in the list: PKCS#11 v2.20, pkcs11f.h. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long U;
typedef struct { unsigned char version[2]; void *call[68]; } List;
enum { INITIALIZE = 0, FINALIZE = 1, FUNCTION_LIST = 3, TOKEN_INFO = 6, MECHANISM_LIST = 7, MECHANISM_INFO = 8, OPEN = 12, LOGIN = 18, LOGOUT = 19,
       ATTRIBUTES = 24, SIGN_INIT = 42, SIGN = 43 };

typedef struct { U type; void *value; U length; } Attribute;
enum { CKA_ID = 0x102, CKR_KEY_TYPE_INCONSISTENT = 0x63, MECHANISMS = 0x100 };

static List real, ours;
static U way, logged; /* the session that was logged in last */

U moody_signed[MECHANISMS], moody_refused; /* how often C_Sign was called by each mechanism, and C_SignInit refused one */
U moody_logins; /* how often a PIN was sent */

static U mood(const char *name) { const char *text = getenv(name); return text ? strtoul(text, NULL, 16) : 0; }

static void held(const char *name) {
    const char *file = getenv(name);
    while (file && !access(file, F_OK)) usleep(1000);
}
static U initialize(void *arguments) {
    U said = ((U (*)(void *))real.call[INITIALIZE])(arguments);
    return said == 0x191 ? 0 : said; /* CKR_CRYPTOKI_ALREADY_INITIALIZED: the tests load SoftHSM2 itself as well */
}
static U finalize(void *reserved) { (void)reserved; return 0; }
static U open_session(U slot, U flags, void *application, void *notify, U *session) {
    static U opened;
    U said = mood("MOODY_OPEN");
    opened = mood("MOODY_SWAP") ? opened + 1 : 0;
    if (opened > 1) slot = mood("MOODY_SWAP");
    if (mood("MOODY_AGAIN") && logged) {
        *session = logged;
        logged = 0;
        return ((U (*)(U))real.call[LOGOUT])(*session);
    }
    return said ? said : ((U (*)(U, U, void *, void *, U *))real.call[OPEN])(slot, flags, application, notify, session);
}
static U token_info(U slot, unsigned char *info) {
    held("MOODY_HELD");
    U said = ((U (*)(U, void *))real.call[TOKEN_INFO])(slot, info), flags;
    memcpy(&flags, info + 96, sizeof flags);
    flags = (flags | mood("MOODY_ON")) & ~mood("MOODY_OFF");
    memcpy(info + 96, &flags, sizeof flags);
    return said;
}
static U mechanism_list(U slot, U *list, U *count) {
    held("MOODY_HELD_LIST");
    U said = mood("MOODY_LIST"), one;
    said = said ? said : ((U (*)(U, U *, U *))real.call[MECHANISM_LIST])(slot, list, count);
    if (!said && list && mood("MOODY_UNLISTED"))
        for (one = 0; one < *count; one++) if (list[one] == mood("MOODY_UNLISTED")) list[one] = 0x01;
    return said;
}
static U mechanism_info(U slot, U mechanism, U *info) { /* its shortest key, its longest key, its flags */
    U said = ((U (*)(U, U, U *))real.call[MECHANISM_INFO])(slot, mechanism, info);
    if (mechanism == mood("MOODY_UNSIGNING")) info[2] &= ~0x800UL; /* CKF_SIGN */
    return said;
}
static U login(U session, U user, unsigned char *pin, U length) {
    U said = mood("MOODY_LOGIN");
    moody_logins++;
    held("MOODY_HELD_LOGIN");
    said = said ? said : ((U (*)(U, U, void *, U))real.call[LOGIN])(session, user, pin, length);
    logged = said ? 0 : session;
    return said;
}
static U sign_init(U session, U *mechanism, U key) {
    unsigned char number = 0;
    Attribute id = {CKA_ID, &number, 1};
    U said = ((U (*)(U, U, Attribute *, U))real.call[ATTRIBUTES])(session, key, &id, 1);
    if (said) return said;
    if (*mechanism == mood(number == 1 ? "MOODY_REFUSED_1" : "MOODY_REFUSED_2")) {
        moody_refused++;
        return mood("MOODY_REFUSAL") ? mood("MOODY_REFUSAL") : CKR_KEY_TYPE_INCONSISTENT;
    }
    way = *mechanism % MECHANISMS;
    return ((U (*)(U, U *, U))real.call[SIGN_INIT])(session, mechanism, key);
}
static U sign(U session, unsigned char *data, U length, unsigned char *signature, U *size) {
    U said = ((U (*)(U, void *, U, void *, U *))real.call[SIGN])(session, data, length, signature, size);
    if (signature) moody_signed[way]++;
    if (signature && mood("MOODY_SIGN")) return mood("MOODY_SIGN"); /* once the operation is over, as the standard says */
    if (!said && signature && (mood("MOODY_FALSE") || way == mood("MOODY_FALSE_BY"))) signature[*size - 1] ^= 1;
    return said;
}

U C_GetFunctionList(List **list);

U C_GetFunctionList(List **list) {
    void *library = dlopen(BEHIND, RTLD_NOW);
    List *theirs;
    if (!library || ((U (*)(List **))dlsym(library, "C_GetFunctionList"))(&theirs)) return 5; /* CKR_GENERAL_ERROR */
    real = *theirs;
    ours = real;
    ours.call[INITIALIZE] = (void *)initialize;
    ours.call[FINALIZE] = (void *)finalize;
    ours.call[FUNCTION_LIST] = (void *)C_GetFunctionList;
    ours.call[TOKEN_INFO] = (void *)token_info;
    ours.call[MECHANISM_LIST] = (void *)mechanism_list;
    ours.call[MECHANISM_INFO] = (void *)mechanism_info;
    ours.call[OPEN] = (void *)open_session;
    ours.call[LOGIN] = (void *)login;
    ours.call[SIGN_INIT] = (void *)sign_init;
    ours.call[SIGN] = (void *)sign;
    *list = &ours;
    return 0;
}
