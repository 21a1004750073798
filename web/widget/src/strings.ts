// The widget's own words; what the bot says comes from its pack.

export interface Strings {
  title: string;
  write: string;
  send: string;
  attach: string;
  open: string;
  close: string;
  restart: string;
  sending: string;
  sent: string;
  failed: string;
  offline: string;
  typing: string;
  tooLong: string;
}

const KEYS: (keyof Strings)[] = [
  "title",
  "write",
  "send",
  "attach",
  "open",
  "close",
  "restart",
  "sending",
  "sent",
  "failed",
  "offline",
  "typing",
  "tooLong",
];

// In the order of KEYS, parted by |.
const TEXTS: Record<string, string> = {
  en: "Chat with us|Write a message…|Send|Attach a file|Open chat|Close chat|New conversation|Sending…|Sent|Not sent. Try again|Connection lost. Reconnecting…|is typing|Too long",
  "zh-Hans":
    "在线客服|输入消息…|发送|添加文件|打开聊天|关闭聊天|新对话|发送中…|已发送|发送失败，重试|连接已断开，正在重连…|正在输入|内容过长",
  "zh-Hant":
    "線上客服|輸入訊息…|傳送|附加檔案|開啟聊天|關閉聊天|新對話|傳送中…|已傳送|傳送失敗，重試|連線中斷，正在重新連線…|正在輸入|內容過長",
  es: "Chatea con nosotros|Escribe un mensaje…|Enviar|Adjuntar un archivo|Abrir el chat|Cerrar el chat|Nueva conversación|Enviando…|Enviado|No enviado. Reintentar|Sin conexión. Reconectando…|está escribiendo|Demasiado largo",
  de: "Chatten Sie mit uns|Nachricht schreiben…|Senden|Datei anhängen|Chat öffnen|Chat schließen|Neue Unterhaltung|Wird gesendet…|Gesendet|Nicht gesendet. Nochmals|Verbindung verloren. Wird wiederhergestellt…|schreibt|Zu lang",
  fr: "Discutez avec nous|Écrivez un message…|Envoyer|Joindre un fichier|Ouvrir le chat|Fermer le chat|Nouvelle conversation|Envoi…|Envoyé|Non envoyé. Réessayer|Connexion perdue. Reconnexion…|écrit|Trop long",
  pt: "Fale conosco|Escreva uma mensagem…|Enviar|Anexar um arquivo|Abrir o chat|Fechar o chat|Nova conversa|Enviando…|Enviada|Não enviada. Tentar de novo|Conexão perdida. Reconectando…|está escrevendo|Longo demais",
  ar: "تحدث معنا|اكتب رسالة…|إرسال|إرفاق ملف|فتح المحادثة|إغلاق المحادثة|محادثة جديدة|جارٍ الإرسال…|أُرسلت|لم تُرسل. أعد المحاولة|انقطع الاتصال. جارٍ إعادة الاتصال…|يكتب|طويل جدًا",
  hi: "हमसे बात करें|संदेश लिखें…|भेजें|फ़ाइल जोड़ें|चैट खोलें|चैट बंद करें|नई बातचीत|भेजा जा रहा है…|भेजा गया|नहीं भेजा गया। फिर कोशिश करें|कनेक्शन टूट गया। फिर से जुड़ रहे हैं…|लिख रहे हैं|बहुत लंबा",
  ja: "チャットで問い合わせ|メッセージを入力…|送信|ファイルを添付|チャットを開く|チャットを閉じる|新しい会話|送信中…|送信済み|送信できません。再試行|接続が切れました。再接続中…|入力中|長すぎます",
  ru: "Чат с нами|Напишите сообщение…|Отправить|Прикрепить файл|Открыть чат|Закрыть чат|Новый разговор|Отправка…|Отправлено|Не отправлено. Повторить|Связь потеряна. Переподключение…|печатает|Слишком длинно",
  tr: "Bize yazın|Mesaj yazın…|Gönder|Dosya ekle|Sohbeti aç|Sohbeti kapat|Yeni görüşme|Gönderiliyor…|Gönderildi|Gönderilemedi. Tekrar dene|Bağlantı koptu. Yeniden bağlanılıyor…|yazıyor|Çok uzun",
  it: "Chatta con noi|Scrivi un messaggio…|Invia|Allega un file|Apri la chat|Chiudi la chat|Nuova conversazione|Invio…|Inviato|Non inviato. Riprova|Connessione persa. Riconnessione…|sta scrivendo|Troppo lungo",
  ko: "채팅 상담|메시지를 입력하세요…|보내기|파일 첨부|채팅 열기|채팅 닫기|새 대화|보내는 중…|보냄|전송 실패. 다시 시도|연결이 끊겼습니다. 다시 연결 중…|입력 중|너무 깁니다",
  vi: "Trò chuyện với chúng tôi|Nhập tin nhắn…|Gửi|Đính kèm tệp|Mở trò chuyện|Đóng trò chuyện|Cuộc trò chuyện mới|Đang gửi…|Đã gửi|Chưa gửi được. Thử lại|Mất kết nối. Đang kết nối lại…|đang nhập|Quá dài",
  id: "Chat dengan kami|Tulis pesan…|Kirim|Lampirkan file|Buka chat|Tutup chat|Percakapan baru|Mengirim…|Terkirim|Gagal terkirim. Coba lagi|Koneksi terputus. Menghubungkan lagi…|sedang mengetik|Terlalu panjang",
};

const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"];

/** The words for a BCP 47 tag; English for a language that has none. */
export function stringsFor(lang: string): Strings {
  const traditional = /^zh-(hant|tw|hk|mo)/i.test(lang);
  const base = lang.toLowerCase().split("-")[0] ?? "en";
  const code = base === "zh" ? (traditional ? "zh-Hant" : "zh-Hans") : base;
  const texts = (TEXTS[code] ?? (TEXTS.en as string)).split("|");
  return Object.fromEntries(KEYS.map((key, i) => [key, texts[i] ?? ""])) as unknown as Strings;
}

export function isRightToLeft(lang: string): boolean {
  return RIGHT_TO_LEFT.includes(lang.toLowerCase().split("-")[0] ?? "");
}
