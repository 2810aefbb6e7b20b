// The compiled catalogue (po/pt_BR.po), as bytes that say.cpp reads.
        .section .rodata
        .balign 8
        .global trama_catalogue_pt_BR
trama_catalogue_pt_BR:
        .incbin CATALOGUE
        .byte 0
        .section .note.GNU-stack, "", %progbits
