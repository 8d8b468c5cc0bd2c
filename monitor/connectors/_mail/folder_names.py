"""What mail programs and servers call the folders that have a use, in the languages they speak.

Exchange and many others name no special use (RFC 6154), so that the name alone tells. Sources: the default folders of
Exchange and Outlook, Gmail's labels, and what Thunderbird, K-9, imapflow, exchangelib, Nextcloud and the webmailers of GMX,
Yahoo and iCloud write. Order: en, de, fr, es, it, pt, nl, sv, da, nb, fi, pl, cs, sk, hu, ro, bg, el, tr, ru, uk, hr, sr, sl,
et, lv, lt, he, ar, ja, zh, ko, vi, th, id, ms, ca, eu.
"""

from typing import Final, Literal
from unicodedata import normalize

Role = Literal["inbox", "sent", "junk", "trash", "drafts", "all", "view", "no mail", "plain", "ignored"]


def comparable(name: str) -> str:
    """A name as it is compared: composed letters, no difference between capitals and small ones, single blanks."""
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).replace("i\u0307", "i").split())


_NAMES: Final[dict[Role, str]] = {
    "sent": """
        Odoslané položky, Odoslaná pošta, Odesláno, Odoslané,
        Sent, Sent Items, Sent Messages, Sent Mail, Sent-Mail, Sent E-mail, Sent Objects
        Gesendet, Gesendete Elemente, Gesendete Objekte, Gesendete Nachrichten, Gesendete E-Mails, Gesendete Mails, Gesendete
        Envoyés, Éléments envoyés, Messages envoyés, Courrier envoyé, Envoyé, Objets envoyés
        Enviados, Elementos enviados, Correo enviado, Mensajes enviados, Correos enviados
        Inviati, Posta inviata, Elementi inviati, Messaggi inviati, Inviata
        Itens enviados, Enviadas, E-mails enviados, Correio enviado, Mensagens enviadas, Enviado
        Verzonden, Verzonden items, Verzonden berichten, Verzonden e-mail
        Skickat, Skickade objekt, Skickade, Skickad e-post, Skickade meddelanden
        Sendt post, Sendt, Sendte, Sendte elementer, Sendte beskeder, Sendte meldinger, Sendt e-post
        Lähetetyt, Lähetetyt viestit, Lähetetyt kohteet
        Wysłane, Elementy wysłane, Wysłane wiadomości
        Odeslaná pošta, Odeslané, Odeslané položky, Odoslaná pošta, Odoslané, Odoslané položky, Odoslané správy
        Elküldött elemek, Elküldött, Elküldöttek, Elküldött levelek, Elküldött üzenetek
        Elemente trimise, Trimise, Mesaje trimise, E-mailuri trimise
        Изпратени, Изпратени елементи, Изпратена поща
        Απεσταλμένα, Απεσταλμένα στοιχεία, Σταλθέντα, Απεσταλμένα μηνύματα
        Gönderilmiş Öğeler, Gönderilenler, Gönderilmiş Postalar, Gönderilmiş, Gönderilmiş Posta
        Отправленные, Отправленные элементы, Отправленные письма
        Надіслані, Надіслані елементи, Відправлені, Відправлені елементи
        Poslane stavke, Poslano, Poslane poruke, Послате ставке, Послато, Poslate stavke, Poslato
        Poslani elementi, Poslana pošta, Poslana sporočila
        Saadetud, Saadetud kirjad, Saadetud üksused
        Nosūtītie, Nosūtītie vienumi, Nosūtītās ziņas, Nosūtītās
        Išsiųsti, Išsiųsti elementai, Išsiųstieji, Išsiųsti laiškai
        פריטים שנשלחו, דואר שנשלח, נשלחו, נשלח
        العناصر المرسلة, البريد المرسل, المرسلة, الرسائل المرسلة
        送信済みアイテム, 送信済み, 送信済みメール
        已发送邮件, 已发送, 已发邮件, 已发信息, 已发送项目, 寄件備份, 已傳送的郵件, 已寄出, 已寄出郵件, 已傳送郵件
        보낸 편지함, 보낸편지함, 보낸 항목, 보낸메일함, 발신 메시지
        Mục Đã gửi, Thư đã gửi, Đã gửi, Mục đã gửi đi
        รายการที่ถูกส่ง, รายการที่ส่ง, ส่งแล้ว, จดหมายที่ส่งแล้ว, รายการที่ส่งแล้ว
        Item Terkirim, Terkirim, Surat Terkirim, Item Dihantar, Mel Dihantar, Dihantar
        Elements enviats, Enviats, Bidalitako elementuak, Bidalita, Bidaliak
    """,
    "junk": """
        Junk, Junk Email, Junk E-mail, Junk Mail, Spam, Bulk, Bulk Mail, Spam Mail, Spam E-mail, Junk-Mail
        Junk-E-Mail, Spamverdacht, Spam-Verdacht, Unerwünscht, Unerwünschte Werbung, Unerwünschte E-Mails, Werbung, Spam-Mails
        Courrier indésirable, Courriers indésirables, Courrier indésirables, Indésirable, Indésirables, Pourriel, Pourriels
        Correo no deseado, Correo electrónico no deseado, No deseado, Correo basura, Correo spam
        Posta indesiderata, Indesiderata, Messaggi indesiderati
        Lixo Eletrônico, Lixo Eletrónico, Lixo Electrónico, Correio Eletrónico Não Solicitado, Correio Não Solicitado
        E-mail de Lixo, Email de Lixo, E-mail não solicitado, Não solicitado, Correio de lixo
        Ongewenste e-mail, Ongewenst, Ongewenste mail, Ongewenste berichten
        Skräppost, Skräp, Uønsket e-mail, Uønsket mail, Uønsket post, Uønsket e-post, Søppelpost
        Roskaposti, Roskapostit
        Wiadomości-śmieci, Wiadomości śmieci, Niechciana poczta, Śmieci, Niechciane
        Nevyžádaná pošta, Nevyžádané, Nevyžiadaná pošta, Nevyžiadané
        Levélszemét, Kéretlen levelek
        E-mail nedorit, Mesaje nedorite, Nedorite, Mesaje nesolicitate, Poștă nedorită, Poştă nedorită
        Нежелана поща, Спам, Нежелателна поща
        Ανεπιθύμητη αλληλογραφία, Ανεπιθύμητα, Ανεπιθύμητη, Ανεπιθύμητη ηλεκτρονική αλληλογραφία
        Gereksiz E-posta, Gereksiz, Önemsiz, Önemsiz E-posta, İstenmeyen Posta, İstenmeyen E-posta, İstenmeyen
        Нежелательная почта, Нежелательные письма
        Небажана пошта, Небажана електронна пошта, Небажані
        Bezvrijedna pošta, Neželjena pošta, Neželjena e-pošta, Нежељена пошта, Нежељена е-пошта, Bezvredna pošta
        Neželena pošta, Neželena e-pošta, Vsiljena pošta
        Rämpspost, Mēstules, Nevēlamais e-pasts, Nevēlamā pasta ziņas, Surogātpasts
        Nepageidaujami laiškai, Nepageidaujamas el. paštas, El. pašto šlamštas, Šlamštas, Brukalas
        דואר זבל, ספאם
        البريد الإلكتروني غير الهام, البريد غير الهام, البريد العشوائي, الرسائل العشوائية, الرسائل غير المرغوب فيها
        رسائل غير مرغوب فيها, غير مرغوب فيه
        迷惑メール, 垃圾邮件, 垃圾电子邮件, 垃圾郵件, 垃圾電子郵件, 垃圾電郵, 垃圾箱
        정크 메일, 정크 전자 메일, 정크, 스팸, 스팸함, 스팸메일함, 정크 메일함
        Thư rác, Email Rác, อีเมลขยะ, จดหมายขยะ, สแปม
        Email Sampah, E-mail Sampah, E-mel Sarap, E-mel Remeh, Correu brossa, Zabor-posta
    """,
    "trash": """
        Trash, Deleted Items, Deleted Messages, Deleted, Bin, Wastebasket, Recycle Bin, Deleted Mail, Deleted Objects
        Papierkorb, Gelöschte Elemente, Gelöschte Objekte, Gelöscht, Gelöschte Nachrichten, Gelöschte E-Mails
        Corbeille, Éléments supprimés, Messages supprimés, Supprimés, Supprimé, Poubelle
        Papelera, Elementos eliminados, Eliminados, Elementos borrados, Mensajes eliminados, Papelera de reciclaje
        Cestino, Posta eliminata, Elementi eliminati, Messaggi eliminati, Eliminati
        Lixeira, Lixo, Itens Eliminados, Itens Excluídos, Itens apagados, Mensagens eliminadas, Mensagens excluídas, Reciclagem
        Prullenbak, Verwijderde items, Verwijderd, Verwijderde berichten
        Papperskorgen, Papperskorg, Borttaget, Borttagna objekt, Borttagna
        Slettet post, Slettede elementer, Slettet, Slettede, Slettede beskeder, Slettede meldinger, Papirkurv, Papirkurven, Søppel
        Roskakori, Poistetut, Poistetut viestit, Poistetut kohteet
        Kosz, Elementy usunięte, Usunięte, Usunięte wiadomości
        Koš, Odstraněná pošta, Odstraněné položky, Odstraněné, Kôš, Odstránená pošta, Odstránené položky, Odstránené
        Vymazané správy, Vymazané
        Kuka, Törölt elemek, Törölt, Töröltek, Törölt levelek, Törölt üzenetek, Lomtár
        Coș de gunoi, Coş de gunoi, Coș, Elemente șterse, Elemente şterse, Articole șterse, Șterse, Mesaje șterse
        Кошче, Изтрити, Изтрити елементи
        Κάδος απορριμμάτων, Κάδος ανακύκλωσης, Κάδος, Διαγραμμένα, Διαγραμμένα στοιχεία
        Çöp Kutusu, Çöp, Silinmiş Öğeler, Silinmiş, Silinenler, Silinmiş Postalar
        Корзина, Удаленные, Удалённые, Удаленные элементы, Удаленные сообщения
        Кошик, Смітник, Видалені, Видалені елементи
        Izbrisane stavke, Izbrisano, Smeće, Otpad, Избрисане ставке, Отпад, Смеће, Korpa
        Izbrisani elementi, Smeti, Prügikast, Kustutatud üksused, Kustutatud kirjad, Kustutatud
        Atkritne, Miskaste, Izdzēstie, Izdzēstie vienumi, Izdzēstās
        Šiukšliadėžė, Šiukšlinė, Panaikinti elementai, Panaikinti, Pašalinti, Ištrinti
        אשפה, פריטים שנמחקו
        المهملات, سلة المهملات, العناصر المحذوفة, المحذوفات, البريد المحذوف
        ゴミ箱, ごみ箱, 削除済みアイテム, 削除済み
        已删除邮件, 已删除, 已删除项目, 废件箱, 回收站, 刪除的郵件, 已刪除的郵件, 已刪除項目, 已刪除的項目, 已刪除郵件, 垃圾桶
        휴지통, 지운 편지함, 지운편지함, 삭제된 항목
        Thùng rác, Mục Đã xóa, Thư đã xóa, Đã xóa, ถังขยะ, รายการที่ถูกลบ, รายการที่ลบ
        Sampah, Kotak Sampah, Tempat Sampah, Item Dihapus, Item Terhapus, Pesan terhapus, Item Dipadam, Tong Sampah
        Paperera, Elements suprimits, Zakarrontzia, Ezabatutako elementuak
    """,
    "drafts": """
        Drafts, Draft, Templates, Template, Entwürfe, Entwurf, Vorlagen, Brouillons, Brouillon, Modèles
        Borradores, Borrador, Plantillas, Bozze, Modelli, Rascunhos, Rascunho, Modelos, Concepten, Concept, Sjablonen
        Utkast, Mallar, Kladder, Kladde, Skabeloner, Maler, Luonnokset, Mallit
        Kopie robocze, Wersje robocze, Robocze, Szkice, Szablony, Koncepty, Rozepsané, Rozepsaná pošta, Šablony, Rozpracované
        Piszkozatok, Vázlatok, Sablonok, Ciorne, Schițe, Schiţe, Чернови, Πρόχειρα, Πρότυπα
        Taslaklar, Taslak, Черновики, Шаблоны, Чернетки, Шаблони, Nacrti, Skice, Нацрти, Osnutki
        Mustandid, Melnraksti, Juodraščiai, טיוטות, المسودات, مسودات, 下書き, 草稿, 草稿箱, 草稿匣, 임시 보관함, 임시보관함, 초안
        Thư nháp, Bản nháp, Bản thảo, ร่าง, แบบร่าง, ฉบับร่าง, จดหมายร่าง, Draf, Konsep, Esborranys, Zirriborroak
    """,
    "no mail": """
        Calendar, Kalender, Calendrier, Calendario, Calendário, Agenda, Kalenteri, Kalendarz, Kalendář, Kalendár, Naptár
        Календар, Ημερολόγιο, Takvim, Календарь, Kalendar, Koledar, Kalendārs, Kalendorius, לוח שנה, التقويم, 予定表
        カレンダー, 日历, 行事曆, 일정, 달력, Lịch, ปฏิทิน, Calendari, Egutegia, Birthdays, Geburtstage
        Contacts, Kontakte, Contactos, Contatti, Contatos, Contactpersonen, Kontakter, Kontaktpersoner, Yhteystiedot
        Kontakty, Névjegyek, Névjegyalbum, Persoane de contact, Επαφές, Kişiler, Контакты, Kontakti, Контакти
        Stiki, Kontaktid, Kontaktpersonas, Kontaktai, אנשי קשר, جهات الاتصال, 連絡先, 联系人, 連絡人, 연락처, Liên hệ, ที่ติดต่อ
        Kontak, Kenalan, Contactes, Kontaktuak, Address Book, Adressbuch
        Tasks, Aufgaben, Tâches, Tareas, Attività, Tarefas, Taken, Uppgifter, Opgaver, Oppgaver, Tehtävät, Zadania, Úkoly, Úlohy
        Feladatok, Activități, Activităţi, Задачи, Εργασίες, Görevler, Завдання, Zadaci, Задаци, Opravila, Ülesanded
        Uzdevumi, Užduotys, משימות, المهام, タスク, 任务, Tác vụ, Tugas, Tasques, Zereginak
        Notes, Notizen, Notas, Note, Notities, Anteckningar, Noter, Notater, Muistiinpanot, Notatki, Poznámky, Feljegyzések
        Бележки, Σημειώσεις, Notlar, Заметки, Примечания, Нотатки, Bilješke, Белешке, Beleške, Opombe, Märkmed, Piezīmes
        Pastabos, פתקים, הערות, الملاحظات, メモ, 便笺, 記事, 便箋, 메모, Ghi chú, บันทึกย่อ, Catatan, Nota, Oharrak
        Journal, Diario, Diário, Logboek, Dagboek, Päiväkirja, Dziennik, Deník, Denník, Napló, Jurnal, Дневник
        Ημερολόγιο καταγραφής, Günlük, Щоденник, Dnevnik, Päevik, Žurnāls, Žurnalas, יומן, دفتر اليومية, ジャーナル, 日记, 日誌
        업무 일지, 저널, Nhật ký, สมุดบันทึก
        Outbox, Postausgang, Boîte d'envoi, Boîte d’envoi, Bandeja de salida, Buzón de salida, Posta in uscita, Caixa de Saída
        Caixa de saida, A Enviar, Postvak UIT, Utkorgen, Utkorg, Udbakke, Utboks, Lähtevät, Skrzynka nadawcza, Do wysłania
        Pošta k odeslání, K odeslání, Pošta na odoslanie, Na odoslanie, Postázandó üzenetek, Kimenő levelek, Postázandó
        Mesaje de expediat, Cutie de ieșire, Изходящи, Εξερχόμενα, Giden Kutusu, Исходящие, Вихідні, Izlazna pošta
        Одлазна пошта, Otpremno sanduče, Odpošlji, Väljuvad, Saatmiseks, Izsūtne, Siunčiamieji, Siunčiami, דואר יוצא
        البريد الصادر, علبة الصادر, 送信トレイ, 发件箱, 寄件匣, 보낼 편지함, Hộp thư đi, กล่องจดหมายออก, ที่จะส่ง
        Kotak Keluar, Peti Keluar, Bústia de sortida, Irteerako ontzia
        Conversation History, Verlauf der Unterhaltung, Aufgezeichnete Unterhaltungen, Unterhaltungsverlauf
        Historique des conversations, Historial de conversaciones, Cronologia conversazioni, Histórico de Conversa
        Histórico de Conversações, Histórico de Conversas, Gespreksgeschiedenis, Konversationshistorik, Samtaleoversigt
        Samtalehistorik, Samtalelogg, Keskusteluhistoria, Historia konwersacji, Historie konverzací, História konverzácií
        Beszélgetések előzményei, Istoric conversații, Хронология на разговорите, Ιστορικό συνομιλίας, Konuşma Geçmişi
        Журнал бесед, Журнал розмов, Povijest razgovora, Vestlusajalugu, Sarunu vēsture, Pokalbių retrospektyva
        היסטוריית שיחות, محفوظات المحادثات, 会話の对话历史记录, 交談記錄, 대화 내용
        Sync Issues, Sync Issues (This computer only), Synchronisierungsprobleme, Problèmes de synchronisation
        Problemas de sincronización, Problemi di sincronizzazione, Problemas de Sincronização, Synchronisatieproblemen
        Synkroniseringsfel, Synkroniseringsproblemer, Synkronointiongelmat, Problemy z synchronizacją
        Problémy se synchronizací, Problémy so synchronizáciou, Szinkronizálási hibák, Szinkronizációs problémák
        Probleme de sincronizare, Проблеми при синхронизиране, Ζητήματα συγχρονισμού, Eşitleme Sorunları
        Ошибки синхронизации, Помилки синхронізації, Problemi sinkronizacije, בעיות סינכרון, مشكلات المزامنة, 同期の失敗
        同步问题, 同步處理問題, 동기화 문제, Vấn đề Đồng bộ, Conflicts, Local Failures, Server Failures
        RSS Feeds, RSS Subscriptions, RSS-Feeds, RSS-Abonnements, Flux RSS, Abonnements RSS, Fuentes RSS, Suscripciones de RSS
        Feed RSS, Sottoscrizioni RSS, RSS-flöden, RSS-feeder, RSS-syötteet, Źródła danych RSS, Informační kanály RSS
        RSS-hírcsatornák, RSS Akışları, RSS-каналы, RSS フィード, RSS 源, RSS 摘要, News Feed
        Conversation Action Settings, Quick Step Settings, Einstellungen für QuickSteps, Einstellungen für Unterhaltungsaktionen
        Paramètres d’actions de conversation, Paramètres d'actions de conversation, Indstillinger for samtalehandlinger
        Configuración de acciones de conversación, Impostazioni azioni conversazione, Instellingen voor gespreksacties
        Suggested Contacts, Vorgeschlagene Kontakte, Contacts suggérés, Contactos sugeridos, Contatti suggeriti
        Voorgestelde contactpersonen, Working Set, ExternalContacts, PersonMetadata, Yammer Root, Detected Items
        Recipient Cache, GAL Contacts, Organizational Contacts, PeopleCentricConversation Buddies, Social Activity Notifications
        Freebusy Data, Common Views, Deferred Action, Spooler Queue, MessageIngestion
    """,
}

#: Below Gmail's own parent only: what these hold lies elsewhere as well.
_GMAIL: Final[dict[Role, str]] = {
    "all": """
        All Mail, Alle Nachrichten, Tous les messages, Todos, Tutti i messaggi, Todos os e-mails, Todo o correio, Alle berichten
        Alla mejl, All e-post, Alle mails, Alle e-mails, Kaikki viestit, Wszystkie, Všechny zprávy, Všetky správy
        Összes levél, Toate mesajele, Цялата поща, Όλα τα μηνύματα, Tüm Postalar, Вся почта, Уся пошта, Вся пошта, Sva pošta
        Сва пошта, Vsa pošta, Kõik kirjad, Visas vēstules, Visi laiškai, כל הדואר, كل البريد, すべてのメール, 所有邮件, 所有郵件
        全部郵件, 전체보관함, 전체 보관함, Tất cả thư, จดหมายทั้งหมด, Semua Email, Semua Mel, Tots els missatges
    """,
    "view": """
        Starred, Important, Markiert, Wichtig, Suivis, Suivi, Important, Messages suivis, Destacados, Importante, Importantes
        Speciali, Com estrela, Met ster, Belangrijk, Stjärnmärkt, Viktigt, Stjernemarkeret, Vigtige, Stjernemerket, Viktig
        Tähdellä merkityt, Tärkeää, Oznaczone gwiazdką, Ważne, S hvězdičkou, Důležité, Csillagozott, Fontos, Cu stea
        Yıldızlı, Önemli, Помеченные, Важное, Із зірочкою, Важливо, מסומן בכוכב, スター付き, 重要, 已加星标, 중요, 별표편지함
    """,
    "no mail": "Chats, Chat",
}

#: Where Gmail keeps its own folders.
GMAIL_PARENTS: Final = frozenset(map(comparable, ("[Gmail]", "[Google Mail]")))


def _by_name(lists: dict[Role, str]) -> dict[str, Role]:
    named: dict[str, Role] = {}
    for role, text in lists.items():
        for name in text.replace("\n", ",").split(","):
            if name.strip():
                named.setdefault(comparable(name), role)
    return named


#: Comparable name -> its use. Of two that claim a name, the one that is told above wins.
BY_NAME: Final = _by_name(_NAMES)
BY_NAME_IN_GMAIL: Final = _by_name(_GMAIL) | BY_NAME
