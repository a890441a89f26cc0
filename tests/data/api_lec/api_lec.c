/* A stand-in for the licensed component: the same entry points (reference card.md §3.3), written from their signatures alone.
 *
 * Its folder holds `scene`, the name of what it does, and `answer.xml`, what it tells of the card. Everybody in it is invented. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[4096];
static char scene[64];

static long slurp(const char *name, char *into, long size) {
    char path[4200];
    snprintf(path, sizeof path, "%s%s", folder, name);
    int file = open(path, O_RDONLY);
    long length = file < 0 ? 0 : read(file, into, size);
    if (file >= 0)
        close(file);
    return length < 0 ? 0 : length;
}

static int is(const char *name) { return strcmp(scene, name) == 0; }

static void tell(const char *word) {
    char path[4200];
    snprintf(path, sizeof path, "%scalls", folder);
    FILE *calls = fopen(path, "a");
    fprintf(calls, "%s\n", word);
    fclose(calls);
}

#ifdef HANGS_WHEN_LOADED
__attribute__((constructor)) static void loaded(void) { pause(); }
#endif

unsigned short Hn_Init(const unsigned char *path, unsigned short *mode, unsigned short *code) {
    strncpy(folder, (const char *)path, sizeof folder - 1);
    scene[slurp("scene", scene, sizeof scene - 1)] = 0;
    tell("init");
    printf("this must not be taken for an answer\n");
    fflush(stdout);
    *mode = 1;
    *code = is("no-reader") ? 77 : 0;
    return is("no-reader") ? 5 : 0;
}

#ifndef WITHOUT_READING
unsigned short Hn_LectureVitaleDonneesIdentification(short seconds, char *out, unsigned int *length, short *state,
                                                     unsigned short *code) {
    char word[32];
    snprintf(word, sizeof word, "read %d %u", seconds, *length);
    tell(word);
    if (is("refused")) {
        *state = -3;
        *code = 37;
        return 2;
    }
    if (is("hang"))
        pause();
    while (is("slow")) { /* until another is played */
        usleep(1000);
        scene[slurp("scene", scene, sizeof scene - 1)] = 0;
    }
    if (is("crash"))
        abort();
    if (is("full")) { /* all the room there is */
        memset(out, 'A', *length);
        return 0;
    }
    if (is("lies")) { /* more than there is room for */
        memset(out, 'A', *length);
        *length = 10 * 1024 * 1024;
        return 0;
    }
    *length = (unsigned int)slurp("answer.xml", out, *length);
    *state = 1;
    *code = 0;
    return 0;
}
#endif

unsigned short Hn_Finir(unsigned short *code) {
    tell("end");
    *code = 0;
    return 0;
}
